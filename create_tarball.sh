#!/bin/sh
# Writes handin.tar, the file to submit: hw2 and mytorch, less what exclude.txt lists.
set -eu
cd -- "$(dirname -- "$0")"
trap "rm -f handin.tar.part" EXIT
# COPYFILE_DISABLE keeps macOS from adding a ._ file for each file.
COPYFILE_DISABLE=1 tar -c -f handin.tar.part -X exclude.txt hw2 mytorch
mv -f handin.tar.part handin.tar
echo "wrote $(pwd)/handin.tar"
