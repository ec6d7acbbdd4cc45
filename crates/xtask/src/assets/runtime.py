"""Takes the library of ONNX Runtime out of the one wheel in a folder.

Arguments: the folder with the wheel, the folder that the library goes to.
"""
import pathlib
import shutil
import sys
import zipfile

wheels, target = map(pathlib.Path, sys.argv[1:])
(wheel,) = wheels.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        file = pathlib.PurePosixPath(name)
        if str(file.parent) == "onnxruntime/capi" and file.name.startswith("libonnxruntime."):
            with archive.open(name) as source, open(target / file.name, "wb") as copy:
                shutil.copyfileobj(source, copy)
