"""What a program or a test of somebody else's calls; `import layercheck` has the names."""
