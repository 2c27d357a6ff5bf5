"""The network: who leads on involving families, and who helps others. Everybody in it has agreed to be shown."""
