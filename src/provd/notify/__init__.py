"""Taking a message to people and programs: by Apprise, to a webhook, to a command, to the journal."""
