"""SparseInst, assembled: backbone → instance context encoder → decoder → one class and one mask per query.

Cheng et al. 2022, "Sparse Instance Activation for Real-Time Instance Segmentation" (arXiv 2203.12827), §3.

Paper, authors' code, ours: the same network. In all of them a picture's result depends on what it shares a batch with: the
coordinates span the padded batch, and the pyramid pooling averages over the padding. Where a number has to be the same twice,
give pictures of one size, or one at a time.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances.activation_maps import DecoderKind
from course_lib.instances.backbone import BackboneName, build_backbone
from course_lib.instances.context_encoder import InstanceContextEncoder
from course_lib.instances.decoder import Decoder
from course_lib.instances.detections import Detections
from course_lib.instances.images import batch_images, check_input, image_sizes
from course_lib.instances.output import SparseInstOutput
from course_lib.instances.postprocess import MASK_THRESHOLD, THRESHOLD, postprocess

TRAINED_SIDE = 640


class SparseInst(nn.Module):
    """The whole network. With backbone "resnet50" its state dict has the authors' keys and shapes: their files load unchanged.

    decoder: "base" has one activation map per query, "group" `groups` of them, "group_softmax" normalises those by a softmax.
    pretrained_backbone: start from torchvision's ImageNet weights (downloaded once; RuntimeError where unreachable).
    coordinates, objectness: False leaves them out, for ablations.
    frozen_batch_norm: None is the backbone's habit (`backbone`).
    width, kernel_width, depth: of encoder and decoder, for smaller networks; the published ones are the defaults.
    class_names: what its labels mean. trained_side: shorter side in pixels of the pictures that its weights were trained on;
    of the published ones 640. Whoever loads weights sets both (`zoo`).
    """

    def __init__(
        self,
        backbone: BackboneName = "resnet50",
        decoder: DecoderKind = "group",
        num_classes: int = 80,
        num_masks: int = 100,
        groups: int = 4,
        pretrained_backbone: bool = False,
        coordinates: bool = True,
        objectness: bool = True,
        frozen_batch_norm: bool | None = None,
        width: int = 256,
        kernel_width: int = 128,
        depth: int = 4,
    ) -> None:
        super().__init__()
        self.class_names = tuple(f"class {label}" for label in range(num_classes))
        self.trained_side = TRAINED_SIDE
        self.backbone = build_backbone(backbone, pretrained_backbone, frozen_batch_norm)
        self.encoder = InstanceContextEncoder(self.backbone.channels, width)
        self.decoder = Decoder(
            decoder, num_classes, num_masks, groups, width, kernel_width, depth, coordinates, objectness
        )

    def forward(self, images: Float[Tensor, "B 3 H W"] | Sequence[Float[Tensor, "3 h w"]]) -> SparseInstOutput:
        """RGB in [0, 1] in the weights' dtype, a batch or a list of pictures of different sizes.

        Raises ValueError for another shape, and for what is no floating-point tensor. Values are not looked at: see `predict`.
        """
        return self.decoder(self.encoder(self.backbone(batch_images(images))))

    def normalised_maps(self, output: SparseInstOutput) -> Float[Tensor, "B N G h w"]:
        """The activation maps as the features are averaged under them: each sums to 1. G maps per query."""
        maps = self.decoder.inst_branch.normalise(output.activation_maps)  # (B, G·N, h, w)
        return maps.unflatten(1, (self.decoder.inst_branch.groups, -1)).transpose(1, 2)

    @torch.no_grad()
    def predict(
        self,
        images: Float[Tensor, "B 3 H W"] | Sequence[Float[Tensor, "3 h w"]],
        sizes: Sequence[tuple[int, int]] | None = None,
        threshold: float = THRESHOLD,
        min_score: float = 0.0,
        mask_threshold: float = MASK_THRESHOLD,
    ) -> list[Detections]:
        """Instances of each picture, in eval mode, without gradients.

        sizes: (h, w) that each picture's masks shall have, such as before it was made smaller; None: as it went in.
        threshold, min_score, mask_threshold: see `postprocess`.

        Raises ValueError for pictures of a wrong type, shape, dtype, device or range, for wrong sizes, and for NaN.
        """
        check_input(images, next(self.parameters()))
        training = self.training
        try:
            output = self.eval()(images)
        finally:
            self.train(training)
        entered = image_sizes(images)
        return postprocess(output, entered, entered if sizes is None else sizes, threshold, min_score, mask_threshold)
