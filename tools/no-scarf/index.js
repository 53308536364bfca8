// Nothing: swagger-ui-dist depends on the package and does not call it.
