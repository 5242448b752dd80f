package perdura.training.weights;

import com.fasterxml.jackson.annotation.JsonValue;
import perdura.grids.spec.EnumWord;

/** What a file of weights is of. */
public enum WeightKind {
    /** torchvision's bottleneck ResNet. Names without a prefix. */
    RESNET,
    /** Hugging Face's BertModel. Names without a prefix. */
    BERT,
    /** Both encoders of PRIOR, with pools and projections. Names as in our checkpoints. */
    PRIOR;

    /** As people write it. */
    @JsonValue
    public String word() {
        return EnumWord.of(this);
    }
}
