"""Pages that list other pages: Ofsted's search and provider pages, feeds, and newsrooms of every family."""
