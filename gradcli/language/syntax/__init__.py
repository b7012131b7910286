"""From text to the checked tree."""
