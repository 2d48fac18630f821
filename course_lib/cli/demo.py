"""`course demo`: the main job in one minute. A real video, the published RVM, three new backgrounds."""

from pathlib import Path
from typing import Annotated

import typer

BACKGROUNDS = {
    "space": "hubble",
    "plain green": "#78FF9B",
    "out of focus": "blur",
}  # a photograph, a colour, the scene
ENLARGE = 2  # the clip is small: 176×144
SHEET_ROWS = 5


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the video and the picture.")] = Path(
        "demo_output"
    ),
) -> None:
    """Matte the real clip over three backgrounds; write a video (MP4) and a contact sheet (PNG)."""
    print("Matting a real video with RVM, built here, with the weights its authors published", flush=True)
    import time

    import numpy as np
    import torch
    from tqdm import tqdm

    from course_lib.data import sample_clip_path
    from course_lib.data.images import locate_image
    from course_lib.video.background import open_background
    from course_lib.video.encode import Timing
    from course_lib.video.reader import open_source
    from course_lib.video.render import composite, to_pictures
    from course_lib.video.writer import Target, Writer
    from course_lib.viz.contact_sheet import contact_sheet, telling_channel
    from course_lib.zoo import load_model

    model = load_model("rvm-mobilenetv3-published")
    source = open_source(sample_clip_path("carphone"))
    frames = list(source)
    height, width = frames[0].rgb.shape[:2]
    plates = [
        open_background(text if text == "blur" or text[0] == "#" else str(locate_image(text)), (height, width), "crop")
        for text in BACKGROUNDS.values()
    ]

    output.mkdir(parents=True, exist_ok=True)
    video, sheet = output / "demo.mp4", output / "demo.png"
    size = (2 * height * ENLARGE, 3 * width * ENLARGE)
    writer = Writer(Target.of(video), size, Timing(source.rate, source.tick))
    rows = {round(index) for index in np.linspace(0, len(frames) - 1, SHEET_ROWS)}
    kept, states, channel, seconds = [], [], None, 0.0
    try:
        for index, frame in enumerate(tqdm(frames, desc="Matting", unit="frame", disable=None)):
            image = torch.from_numpy(frame.rgb).permute(2, 0, 1)[None].float() / 255  # (1, 3, H, W)
            started = time.perf_counter()
            with torch.inference_mode():
                foreground, alpha, *states = model(image, *states)
            seconds += time.perf_counter() - started
            composites = [composite(foreground, alpha, plate.plate(image, alpha, [None])) for plate in plates]
            second_state = states[1][0].numpy()  # r2: (20, H/4, W/4)
            channel = telling_channel(second_state) if channel is None else channel
            state = second_state[channel]  # (H/4, W/4), in (−1, 1)
            tiles = [to_pictures(x)[0] for x in (image, alpha, picture_of_state(state, height, width), *composites)]
            grid = np.concatenate([np.concatenate(tiles[:3], axis=1), np.concatenate(tiles[3:], axis=1)])
            writer.write(grid.repeat(ENLARGE, axis=0).repeat(ENLARGE, axis=1), frame.time)
            if index in rows:
                kept.append((frame.rgb, tiles[1][..., 0], state, tiles[3:], float(frame.time)))
        writer.finish()
        writer.publish()
    except BaseException:
        writer.discard()
        raise

    pictures, alphas, shown, over, times = zip(*kept, strict=True)
    figure = contact_sheet(pictures, alphas, shown, over, list(BACKGROUNDS), times)
    partial = sheet.with_name(".demo.partial.png")
    figure.savefig(partial, metadata={"Software": None}, pil_kwargs={"optimize": True})
    partial.replace(sheet)
    print(f"\nVideo:   {video.resolve()}  (input, alpha, hidden state; three backgrounds)")
    print(f"Picture: {sheet.resolve()}")
    print(
        f"Speed:   {len(frames) / seconds:.0f} frames a second in the network, {len(frames)} frames of {width}×{height}"
    )
    print("\nYour own video:    .venv/bin/course matte VIDEO -o cut.mp4 --background PICTURE")
    print("Open the course:   python3 course.py lab")


def picture_of_state(state, height: int, width: int):
    """One channel (h, w) in (−1, 1) as a grey picture (1, 1, H, W) in [0, 1]: 0 is mid-grey."""
    import torch
    import torch.nn.functional as F

    grey = (torch.from_numpy(state.copy())[None, None] + 1) / 2
    return F.interpolate(grey, (height, width), mode="nearest")
