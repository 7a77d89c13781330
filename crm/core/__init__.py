"""What every domain stands on; imports none of them."""
