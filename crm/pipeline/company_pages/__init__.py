"""The pages of companies that also show what builds on companies: leads and interactions.

They belong to the blueprint `companies`, so that addresses and endpoints are those of one domain,
but live up here because companies may not import what builds on them.
"""
