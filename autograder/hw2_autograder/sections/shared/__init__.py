"""What several sections share: none of these files is a section."""
