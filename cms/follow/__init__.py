"""Readers' way in: the profile behind each handle, and the pages that send a reader to their own server to follow,
reply, boost or like. They know no network: ``federation.contract.Desk`` does the asking."""
