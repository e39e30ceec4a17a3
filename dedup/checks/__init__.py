"""What ``check`` adds to what ``clean`` plans: alerts, which of them count, and how programs read them."""
