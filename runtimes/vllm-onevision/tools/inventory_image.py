"""Writes what is inside the image: `python inventory_image.py FOLDER [LOCK]`.

FOLDER gets `sbom.cdx.json` (CycloneDX 1.6: Python distributions with their declared licence and, from LOCK, the hashes they
were installed by; Debian packages), `NOTICE.txt` (who is in it, under which declared licence) and `texts/`, the licence
and notice files that the distributions carry. Declared means what the packages say of themselves, no legal review.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|third.?party)", re.IGNORECASE)
# Metadata of some packages holds a whole licence text in this field; it is in texts/ then, not in a name.
LONGEST_NAME = 100
DOCUMENTATION_COPYRIGHTS = Path("/usr/share/doc")


def main(folder: Path, lock: Path | None) -> None:
    """Write the three into `folder`."""
    hashes = locked_hashes(lock.read_text()) if lock else {}
    found = sorted({normal(d.name): d for d in distributions()}.items())
    components = [python_component(d, hashes.get(name, [])) for name, d in found] + debian_components()
    folder.mkdir(parents=True, exist_ok=True)
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    (folder / "sbom.cdx.json").write_text(json.dumps(bom, indent=1, sort_keys=True) + "\n")
    (folder / "NOTICE.txt").write_text(notice(components))
    for name, distribution in found:
        copy_texts(distribution, folder / "texts" / name)


def normal(name: str) -> str:
    """Spell a distribution's name as the index does (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_hashes(lock: str) -> dict[str, list[str]]:
    """Hashes of each distribution in a requirements file with hashes."""
    hashes: dict[str, list[str]] = {}
    name = ""
    for line in lock.splitlines():
        if match := re.match(r"([A-Za-z0-9][\w.-]*)==", line):
            name = normal(match.group(1))
            hashes[name] = []
        elif match := re.search(r"--hash=sha256:([0-9a-f]{64})", line):
            hashes[name].append(match.group(1))
    return hashes


def declared_licence(distribution: Distribution) -> str | None:
    """Return the licence that the distribution names, or None when it names none."""
    metadata = distribution.metadata
    expression = metadata.get("License-Expression") or metadata.get("License")
    if expression and len(expression) <= LONGEST_NAME and "\n" not in expression and expression.strip().upper() != "UNKNOWN":
        return expression.strip()
    classifiers = [c.rsplit(" :: ", 1)[-1] for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    return " AND ".join(classifiers) or None


def python_component(distribution: Distribution, hashes: list[str]) -> dict[str, Any]:
    """One distribution. Of the lock's hashes one belongs to the wheel that was installed; which, pip does not record."""
    name, version = normal(distribution.name), distribution.version
    component: dict[str, Any] = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "properties": [{"name": "onevision-kit:lockedSha256", "value": value} for value in hashes],
    }
    licence = declared_licence(distribution)
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def debian_components() -> list[dict[str, Any]]:
    """Packages of the base image; their licences stand in /usr/share/doc/<package>/copyright of the image itself."""
    if not shutil.which("dpkg-query"):
        return []
    listing = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\n"], capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in listing.stdout.splitlines()]
    return [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
            "bom-ref": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
            "evidence": {"occurrences": [{"location": str(DOCUMENTATION_COPYRIGHTS / name / "copyright")}]},
        }
        for name, version, architecture in sorted(rows)
    ]


def notice(components: list[dict[str, Any]]) -> str:
    """One line per component."""
    lines = [
        "This image contains the following, each under the licence that it declares.",
        "The texts are in texts/ and in /usr/share/doc.",
        "",
    ]
    for c in components:
        licence = c["licenses"][0]["license"]["name"] if "licenses" in c else "see its copyright file or metadata"
        lines.append(f"{c['name']} {c['version']}: {licence}")
    return "\n".join(lines) + "\n"


def copy_texts(distribution: Distribution, folder: Path) -> None:
    """Copy the licence and notice files that the distribution carries."""
    for file in distribution.files or []:
        if LICENCE_FILE.search(file.name) and file.suffix not in (".py", ".pyc", ".so", ".h"):
            source = Path(str(file.locate()))
            if source.is_file():
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / str(file).replace("/", "_").lstrip("._"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
