"""From indicator data to ranks: the steps of the OECD/JRC Handbook, one file each, in the order the pipeline takes them."""
