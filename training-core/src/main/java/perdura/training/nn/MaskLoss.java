package perdura.training.nn;

/** What the training of masks lessens: a function of logits and masks, both [B, 1, H, W]; p is the logits' sigmoid, t the masks, 0 or 1. */
public enum MaskLoss {
    /** 1 - 2 sum(p t) / max(sum p + sum t, 1e-7), sums over batch and pixels (prior.md 4.4). Of a batch without truth it is 1, and its gradient 0. */
    DICE("return torch.rsub(self.dice(p, z, y, 0., 1e-07), 1)\n"),
    /** 10 focal - ln softDice; GLoRIA's (sense.md 4.4). */
    FOCAL_DICE("return torch.sub(torch.mul(self.focal(p, z, y), 10), torch.log(self.dice(p, z, y, 1., 0.)))\n"),
    /** 1 - softDice + 0.5 focal; AnatomyNet's (sense.md 4.4). */
    FOCAL_DICE_ALTERNATIVE(
            "return torch.add(torch.rsub(self.dice(p, z, y, 1., 0.), 1), torch.mul(self.focal(p, z, y), 0.5))\n");

    private final String body;

    MaskLoss(String body) {
        this.body = body;
    }

    /** Writes {@code mask_loss(p, z, y)}, which takes logits and masks to a scalar. */
    public void write(ScriptBuilder program) {
        program.function("dice", "z: Tensor, y: Tensor, smooth: float, least: float", "Tensor", """
                x = torch.sigmoid(z)
                both = torch.add(torch.mul(torch.sum(torch.mul(x, y)), 2), smooth)
                each = torch.add(torch.add(torch.sum(x), torch.sum(y)), smooth)
                return torch.div(both, torch.clamp_min(each, least))
                """);
        program.function("focal", "z: Tensor, y: Tensor", "Tensor", """
                x = torch.sigmoid(z)
                right = torch.add(torch.mul(x, y), torch.mul(torch.rsub(x, 1), torch.rsub(y, 1)))
                entropy = torch.binary_cross_entropy_with_logits(z, y, None, None, 0)
                return torch.mean(torch.mul(torch.pow(torch.rsub(right, 1), 2), entropy))
                """);
        program.function("mask_loss", "z: Tensor, y: Tensor", "Tensor", body);
    }
}
