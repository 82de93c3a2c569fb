// Taken away when the first file lands.
