#!/bin/sh
# A stand-in for python:3.11-slim-bookworm, which no registry serves here: `container-base.sh FOLDER REFERENCE DIGEST_FILE`, as root.
# Debian's own Python in the layout of the official image (/usr/local/bin/python3 with pip), made by debootstrap, pushed to REFERENCE.
set -eu
folder=$1 reference=$2 digest=$3
root=$folder/rootfs
debootstrap --variant=minbase --include=python3,python3-venv,libpython3.11-dev,ca-certificates bookworm "$root"
chroot "$root" /usr/bin/python3 -m venv /usr/local
rm -f "$root/usr/lib/python3.11/EXTERNALLY-MANAGED"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
# the certificates that this machine trusts: it may reach the package index through a proxy
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"; fi
cat >"$folder/Containerfile" <<'RECIPE'
FROM scratch
ADD rootfs /
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
RECIPE
buildah build --format oci --file "$folder/Containerfile" --tag "$reference" "$folder"
rm -rf "$root"
buildah push --digestfile "$digest" "$reference" "docker://$reference"
