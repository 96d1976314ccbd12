"""Tag the PDF: one element for each of the text's, over all pages (PDF/UA-1).

Pure: `tags` reads the boxes of the pages as the door to WeasyPrint gives them, and says
what becomes of the file.
"""
