"""Aurora: what moto's RDS lacks — time, refusals, versions, and a real PostgreSQL behind the endpoint."""
