"""Every figure of the book is a named function here; `style` holds the one look they share."""
