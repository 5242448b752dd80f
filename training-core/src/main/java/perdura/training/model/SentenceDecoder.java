package perdura.training.model;

/**
 * Parameters of the sentence decoder (prior.md 2.8): learnable queries, BERT's embedding step without words, layers with
 * cross-attention. Stage 1 leaves them untouched.
 *
 * @param name prefix of its parameters
 */
record SentenceDecoder(String name, int queries, int dim, int layers, int ffn) {
    void declare(Layout layout) {
        layout.parameter(name + ".queries", Init.normal(1), queries, dim);
        layout.parameter(name + ".embeddings.position_embeddings.weight", Init.normal(0.02), queries, dim);
        layout.parameter(name + ".embeddings.token_type_embeddings.weight", Init.normal(0.02), 1, dim);
        layout.layerNorm(name + ".embeddings.LayerNorm", dim);
        for (int i = 0; i < layers; i++) {
            String layer = name + ".encoder.layer." + i;
            Bert.declareAttention(layout, layer + ".attention", dim);
            Bert.declareAttention(layout, layer + ".crossattention", dim);
            Bert.declareFeedForward(layout, layer, dim, ffn);
        }
    }
}
