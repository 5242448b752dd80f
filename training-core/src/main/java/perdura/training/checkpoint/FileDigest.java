package perdura.training.checkpoint;

/**
 * What a manifest says about a file.
 *
 * @param sha256 64 hexadecimal digits
 */
public record FileDigest(long sizeBytes, String sha256) {}
