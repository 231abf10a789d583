"""Validates exported manifests against the schemas of Kubernetes and, where they are at hand, of Kueue.

check.py FOLDER: every `.yaml` below it, read as YAML 1.1. Prints what is refused; exits with 1 if anything is.
"""

import functools
import json
import os
import pathlib
import sys

import jsonschema
import kubernetes_validate.utils as kubernetes
import yaml

VERSIONS = ["1.27", "1.31", "1.34", "1.37"]

kubernetes.schema_contents = functools.lru_cache(None)(kubernetes.schema_contents)


def kueue_schemas():
    shared = os.environ.get("CAPPLAN_SHARED", "../shared")
    path = pathlib.Path(shared, "data/kubernetes/kueue-v1beta2.schemas.json")
    return json.loads(path.read_text()) if path.exists() else None


def refusals(document, schemas):
    """What is wrong with one object, as pairs of the schema's version and the complaint."""
    if document["apiVersion"].startswith("kueue.x-k8s.io/"):
        if schemas is None:
            return
        schema = schemas[f"{document['kind']}-{document['apiVersion'].split('/')[1]}"]
        for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
            yield "kueue", f"{error.json_path}: {error.message}"
        return
    for version in VERSIONS:
        try:
            kubernetes.validate(document, version, strict=True)
        except (jsonschema.ValidationError, kubernetes.SchemaNotFoundError) as error:
            yield version, error.message


def main(folder):
    schemas = kueue_schemas()
    if schemas is None:
        print("the schemas of Kueue are not here: its objects are only parsed")
    objects, wrong = 0, 0
    for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            objects += 1
            for version, message in refusals(document, schemas):
                wrong += 1
                name = document["metadata"]["name"]
                print(f"{path}: {document['kind']} {name}, {version}: {message}")
    print(f"{objects} objects, {wrong} refusals, Kubernetes {', '.join(VERSIONS)}")
    return 1 if wrong or not objects else 0


sys.exit(main(sys.argv[1]))
