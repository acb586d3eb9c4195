"""What every endpoint shares: principal, access, problem details, cursors, the frame. No routes, no logic."""
