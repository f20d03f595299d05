"""The parts of the provider screen as text: data in, Content out."""
