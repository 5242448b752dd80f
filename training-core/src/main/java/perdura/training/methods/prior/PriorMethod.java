package perdura.training.methods.prior;

import perdura.grids.codec.MethodSchema;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.Method;
import perdura.training.methods.prior.spec.PriorSchema;
import perdura.training.methods.prior.spec.PriorSpec;

/** PRIOR (prior.md). */
public final class PriorMethod implements Method {
    @Override
    public MethodSchema<?> schema() {
        return PriorSchema.SCHEMA;
    }

    @Override
    public IngestSpec.Profile ingestProfile() {
        return IngestSpec.Profile.PRIOR;
    }

    @Override
    public int imageSize(PretrainSpec spec) {
        return PriorSpec.of(spec).model().imageSize();
    }
}
