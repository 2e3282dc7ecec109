"""Commands of Scrapy that this project has its own of (COMMANDS_MODULE)."""
