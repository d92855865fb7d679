"""From `slos.yaml` to rules: read it (`document`), hold it to the catalogue, build what follows."""
