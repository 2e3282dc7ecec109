"""What a site says on every page of an edition (credits, bylines, headings, notices), learnt from the pages."""
