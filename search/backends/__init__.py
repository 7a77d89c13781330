"""The engines that keep documents and find them; all behave as `base.Engine` says."""
