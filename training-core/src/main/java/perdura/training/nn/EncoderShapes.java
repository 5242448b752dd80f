package perdura.training.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of the encoders' parameters and buffers, as torchvision and Hugging Face name them. */
public final class EncoderShapes {
    private EncoderShapes() {}

    /**
     * A bottleneck ResNet without classifier.
     *
     * @param blocks blocks of the four layers
     * @param width channels of the first convolution
     * @param channels channels of the image
     */
    public static Map<String, List<Long>> resnet(List<Integer> blocks, int width, int channels) {
        StateDictLayout layout = new StateDictLayout();
        new Backbone("x", blocks, width).declare(layout);
        Map<String, List<Long>> shapes = withoutPrefix(layout);
        shapes.computeIfPresent("conv1.weight", (name, one) -> List.of(one.get(0), (long) channels, 7L, 7L));
        return shapes;
    }

    /** BertModel with its pooler; two token types. */
    public static Map<String, List<Long>> bert(int vocabulary, int hidden, int layers, int ffn, int positions) {
        StateDictLayout layout = new StateDictLayout();
        new Bert("x", vocabulary, hidden, layers, 1, ffn, positions, 0).declare(layout);
        return withoutPrefix(layout);
    }

    private static Map<String, List<Long>> withoutPrefix(StateDictLayout layout) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        layout.shapes().forEach((name, shape) -> shapes.put(name.substring("x.".length()), shape));
        return shapes;
    }
}
