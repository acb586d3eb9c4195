"""What users do: every API call and what clients report, by user and hour; sessions split by a pause of 30 minutes."""
