"""Story and Surroundings -> a whole page of each site, in each markup that the site has or may have."""
