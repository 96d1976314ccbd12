"""The one door to WeasyPrint, whose boxes, streams and styles are private API.

What is touched of them stands in `protocols` and is proved to be there by a test: hence
the pinned version. Beyond the door there are values of ours: `measuring` has the places
of what stands on a page, `marking` the boxes as a tagged PDF needs them.
"""
