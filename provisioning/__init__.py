"""The infrastructure of a site, owned by the site: planned, made, watched and removed by manage.py."""
