"""Writes set.zip, which DataFetchCommandTests reads: a file of 4000 rows deflated and as it is."""
import os
import zipfile

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rows = "".join(f"row {i} of a set\t{'good' if i % 2 == 0 else 'bad'}\n" for i in range(4000))
with zipfile.ZipFile("set.zip", "w") as archive:
    for folder, method in [("deflated", zipfile.ZIP_DEFLATED), ("stored", zipfile.ZIP_STORED)]:
        archive.writestr(zipfile.ZipInfo(f"Set/{folder}/"), "")
        archive.writestr(zipfile.ZipInfo(f"Set/{folder}/rows.tsv"), rows, method)
