package perdura.training.weights;

/** A tensor that was not taken from a file, and why. */
public record LeftOut(String name, String reason) {}
