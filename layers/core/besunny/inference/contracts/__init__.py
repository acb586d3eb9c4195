"""What each AI service takes and answers: pydantic models only, so importing them needs neither numpy nor boto3."""
