"""Takes files out of a package: ARCHIVE FOLDER_INSIDE TARGET NAME..."""

import sys
import tarfile
import zipfile

path, inside, target, *names = sys.argv[1:]
if path.endswith(".whl"):
    read = zipfile.ZipFile(path).read
else:
    archive = tarfile.open(path)
    read = lambda name: archive.extractfile(name).read()
for name in names:
    with open(f"{target}/{name}", "wb") as file:
        file.write(read(f"{inside}/{name}" if inside else name))
