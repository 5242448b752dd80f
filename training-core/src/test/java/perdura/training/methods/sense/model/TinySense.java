package perdura.training.methods.sense.model;

import java.util.List;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.sense.spec.ClusterSpec;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.LossSpec.SameStudyKeys;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.methods.sense.spec.SenseSpec.LossWeights;
import perdura.training.nn.Initializer;
import perdura.training.torch.Parameters;
import perdura.training.torch.Torch;

/** A SENSE of a few thousand weights: images of 32 pixels, a vocabulary of 20, reports of width 8. */
final class TinySense {
    static final int VOCABULARY = 20;

    static final LossSpec LOSSES =
            new LossSpec(0.1, 0.15, true, SameStudyKeys.DROP, false, MmcForm.PROTO, MmcAnchor.PER_MODALITY, false);

    private TinySense() {}

    static ModelSpec model(boolean uniProjectors) {
        return model(uniProjectors, 0);
    }

    static ModelSpec withDropout(double dropout) {
        return model(true, dropout);
    }

    private static ModelSpec model(boolean uniProjectors, double dropout) {
        return new ModelSpec(
                new ModelSpec.Image(32, ResnetSpec.Block.BASIC, new ResnetSpec(List.of(1, 1, 1, 1), 2)),
                new ModelSpec.Text(
                        ModelSpec.Pooling.MAX_MAX, true, 12, 6, 12, new BertSpec(8, 2, 2, 12, 12), dropout, true, 1),
                5,
                uniProjectors);
    }

    static SenseSpec spec(ModelSpec model, LossSpec losses, LossWeights weights) {
        return new SenseSpec(
                model,
                0.9,
                7,
                new ClusterSpec(
                        3,
                        0,
                        20,
                        false,
                        ClusterSpec.EmptyClusters.SCAN,
                        ClusterSpec.StudyImages.ALL,
                        ClusterSpec.Fusion.MEAN,
                        false,
                        100,
                        100),
                losses,
                weights,
                new SenseSpec.Augment(true, true, true),
                new SenseSpec.Plan(10, 1, 1e-3));
    }

    static Parameters parameters(Torch torch, ElementType type) {
        Sense sense = new Sense(model(true), VOCABULARY);
        Parameters parameters = sense.layout().allocate(torch, type);
        Initializer.fill(torch, sense.layout(), parameters, 7);
        return parameters;
    }

    static SenseEncoder encoder(Torch torch, Parameters parameters) {
        return new SenseEncoder(torch, parameters, new Sense(model(true), VOCABULARY));
    }
}
