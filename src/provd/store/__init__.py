"""The store: tables, the one writer, repositories and migrations. Nothing else in provd speaks SQL."""
