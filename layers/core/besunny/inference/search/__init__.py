"""The embeddings index: documents by chunks, searched by meaning, apart for each tenant."""
