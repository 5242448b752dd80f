package perdura.training.method;

import perdura.grids.codec.MethodSchema;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;

/** A method of pre-training: its one entry, named in {@code META-INF/services/perdura.training.method.Method}. */
public interface Method {
    /** What it tells of its spec. */
    MethodSchema<?> schema();

    /** Whose rules the data is ingested by that it learns from. */
    IngestSpec.Profile ingestProfile();

    /** Side of the images that a model sees, pixels. */
    int imageSize(PretrainSpec spec);
}
