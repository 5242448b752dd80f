package perdura.training.torch;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which engine computes, told without loading it. Part of a trial's identity: another version may give other bits. */
public final class EngineFamily {
    private static final String RESOURCE = "/pytorch-engine.properties";

    private EngineFamily() {}

    /** For instance {@code pytorch-2.7.1}. */
    public static String name() {
        try (InputStream in = EngineFamily.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the engine's jar has no " + RESOURCE);
            }
            Properties properties = new Properties();
            properties.load(in);
            return "pytorch-" + properties.getProperty("pytorch_version");
        } catch (IOException e) {
            throw new IllegalStateException(RESOURCE + " can't be read", e);
        }
    }
}
