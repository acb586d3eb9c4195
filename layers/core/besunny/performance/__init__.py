"""Performance monitoring: collectors, metric store, rollups, health, alerts, recommendations, activity."""
