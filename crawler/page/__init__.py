"""What a page says, piece by piece: plain functions over its outline, made once."""
