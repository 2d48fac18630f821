"""What `segment_video` makes of the objects that are found: pictures with them drawn in, masks, a COCO file."""
