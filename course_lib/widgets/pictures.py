"""Pictures and arrays as text, for a widget's data."""

import base64
import io

import numpy as np
from PIL import Image

from course_lib.viz.style import as_matte, as_picture

QUALITY = 85
LARGEST = 16383  # pixels a side of a WebP


def picture_uri(image) -> str:
    """(3, H, W) or (H, W, 3) in [0, 1] → a WebP as a data URI; a matte (H, W) → grey."""
    array = as_array(image)
    colours = as_picture(array) if array.ndim == 3 and 3 in (array.shape[0], array.shape[-1]) else as_matte(array)
    stream = io.BytesIO()
    Image.fromarray(np.round(colours.clip(0, 1) * 255).astype(np.uint8)).save(stream, "WEBP", quality=QUALITY, method=6)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()


def as_array(values) -> np.ndarray:
    """A tensor, also one with a gradient or on a GPU, or an array → an array."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)


def pack_bits(masks) -> str:
    """Masks as base64, one bit for each cell, in C order: `unpackBits` in common.js reads them."""
    return base64.b64encode(np.packbits(as_array(masks).astype(bool)).tobytes()).decode()


def sheet_uri(frames, columns: int = 1, quality: int = QUALITY, lossless: bool = False) -> str:
    """N pictures (N, 3, H, W) or mattes (N, H, W) in [0, 1] → one WebP: frame n at row n // columns, column n % columns."""
    array = np.round(as_array(frames).clip(0, 1) * 255).astype(np.uint8)
    pixels = array.transpose(0, 2, 3, 1) if array.ndim == 4 else array[..., None]  # (N, H, W, 3 or 1)
    count, height, width, channels = pixels.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width, channels), np.uint8)
    sheet[:count] = pixels
    sheet = sheet.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    sheet = sheet.reshape(rows * height, columns * width, channels)
    if max(sheet.shape[:2]) > LARGEST:
        raise ValueError(f"A WebP has at most {LARGEST} pixels a side, not {sheet.shape[1]} × {sheet.shape[0]}.")
    stream = io.BytesIO()
    picture = Image.fromarray(sheet[..., 0] if channels == 1 else sheet)
    picture.save(stream, "WEBP", quality=quality, lossless=lossless, method=6)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()


def pack(values, dtype: type = np.uint8) -> str:
    """Numbers as base64, in C order: `unpack` in common.js reads them. In 8 bits [0, 1] becomes 0 … 255."""
    array = as_array(values)
    if dtype is np.uint8 and np.issubdtype(array.dtype, np.floating):
        array = np.round(array.clip(0, 1) * 255)
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode()
