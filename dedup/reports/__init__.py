"""What was found, shown: one module per format. Nothing here decides, reads or writes anything."""
