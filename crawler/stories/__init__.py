"""Stories: the documents of all editions that tell the same, joined, and what is wrong or missing among them."""
